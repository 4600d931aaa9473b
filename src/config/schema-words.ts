/** The words that `schema.ts` is written in: a setting, a secret, a section, and the usual ranges. Holds no setting itself. */

import { z } from "zod";

declare module "zod" {
  interface GlobalMeta {
    /** Takes effect at the next start only. */
    restart?: boolean;
    /** Printed as `***`; kept in versions only as a reference to an environment variable or a file. */
    secret?: boolean;
    /** Another value may let callers see or do more: changing it at run time needs the right to widen access. */
    guards?: boolean;
  }
}

export interface Traits {
  readonly restart?: boolean;
  readonly guards?: boolean;
}

/** A setting with its meaning. Applied last, because zod does not carry a description through `default()`. */
export function setting<T extends z.ZodType>(type: T, description: string, traits: Traits = {}): T {
  return type.meta({ description, ...traits });
}

export function secret(description: string, traits: Traits = {}): z.ZodOptional<z.ZodString> {
  const type = z.string().min(1).optional();
  return type.meta({ description, secret: true, ...traits });
}

/** Settings under one name; left out, each has its default. */
export function section<S extends z.core.$ZodLooseShape>(shape: S, description: string) {
  const type = z.strictObject(shape).prefault({} as never);
  return type.meta({ description });
}

/** A whole number of things, of milliseconds, of bytes: the unit is in the setting's name. */
export const whole = (least: number, most: number): z.ZodInt => z.int().min(least).max(most);
export const share = (): z.ZodNumber => z.number().min(0).max(1);
export const globs = () => z.array(z.string().min(1));

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const mib = 1024 ** 2;
export const restart = { restart: true } as const;
export const guards = { guards: true } as const;
export const guardsRestart = { guards: true, restart: true } as const;
