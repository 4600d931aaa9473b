/**
 * The schema read as a list: each setting with its path, default, type and traits, for whoever must know a setting by its name (environment,
 * secrets, printing, reload, the README's table). `*` stands for a name that the user chose. Pure.
 */

import { z } from "zod";
import { configSchema } from "./schema.js";

export interface Setting {
  /** Joined with `.`; `*` for a chosen name: `sources.*.url`. */
  readonly path: string;
  readonly description: string;
  /** As it stands in a file; undefined where there is none. */
  readonly default: unknown;
  readonly type: z.core.$ZodType;
  readonly restart: boolean;
  readonly secret: boolean;
  readonly guards: boolean;
}

/** Every setting, in the schema's order. */
export const settings: readonly Setting[] = list(configSchema, [], undefined, {});

/** The setting that a concrete path (`sources.erp.url`) means; undefined for sections and unknown paths. */
export function settingAt(path: readonly string[]): Setting | undefined {
  return settings.find((setting) => fits(setting.path.split("."), path));
}

/** Names allowed below a path: of a section its settings; undefined below a chosen name's parent or a setting. */
export function namesBelow(path: readonly string[]): readonly string[] {
  const names = settings
    .map((setting) => setting.path.split("."))
    .filter((full) => full.length > path.length && fits(full.slice(0, path.length), path))
    .map((full) => full[path.length] ?? "");
  return [...new Set(names)].filter((name) => name !== "*");
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((part, i) => part === "*" || part === path[i]);
}

type Traits = { readonly restart?: boolean; readonly guards?: boolean };

function list(
  type: z.core.$ZodType,
  path: readonly string[],
  fallback: unknown,
  inherited: Traits,
): readonly Setting[] {
  const meta = z.globalRegistry.get(type) ?? {};
  const traits = { restart: meta.restart ?? inherited.restart, guards: meta.guards ?? inherited.guards };
  const inner = unwrapped(type);
  if (inner.type instanceof z.ZodObject) {
    return Object.entries(inner.type.shape as Record<string, z.core.$ZodType>).flatMap(([name, field]) =>
      list(field, [...path, name], undefined, {}),
    );
  }
  if (inner.type instanceof z.ZodRecord && unwrapped(inner.type.valueType).type instanceof z.ZodObject) {
    return list(inner.type.valueType, [...path, "*"], undefined, {});
  }
  return [
    {
      path: path.join("."),
      description: meta.description ?? "",
      default: inner.fallback ?? fallback,
      type: inner.type,
      restart: traits.restart ?? false,
      secret: meta.secret ?? false,
      guards: traits.guards ?? false,
    },
  ];
}

/** The type inside defaults and optionals, with the outermost default. */
function unwrapped(type: z.core.$ZodType): { readonly type: z.core.$ZodType; readonly fallback: unknown } {
  let current = type;
  let fallback: unknown;
  for (;;) {
    if (current instanceof z.ZodDefault || current instanceof z.ZodPrefault) {
      fallback ??= current.def.defaultValue;
      current = current.def.innerType;
    } else if (current instanceof z.ZodOptional) current = current.def.innerType;
    else return { type: current, fallback };
  }
}
