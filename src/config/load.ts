/**
 * The configuration from all its layers: defaults, file, `SEXTANT_ENV` overlay, environment, flags, runtime changes. One value comes out, checked, with
 * the origin of each setting. Reads files and variables through its arguments only; opens nothing.
 */

import { join } from "node:path";
import { error, fail, type Issue, ok, type Result, warning } from "../issue.js";
import { environmentLayer, type Flags, flagsLayer, superuserLayer } from "./given.js";
import { isObject, type Layer, type Merged, mapLeaves, mergeLayers } from "./layers.js";
import { isLoopback } from "./loopback.js";
import { parseFile } from "./parse.js";
import type { Config, SourceConfig } from "./schema.js";
import { validateConfig } from "./validate.js";
import { absolutePath, type Expanded, expandLayer, folderOf, mayHoldSecret, type World } from "./values.js";

export interface LoadInputs extends World {
  readonly argvFlags: Flags;
  readonly cwd: string;
  /** What to serve where no layer names a source; the lowest layer then. */
  readonly sample?: () => Readonly<Record<string, unknown>>;
  /** Changes made through the admin API, the last layer. */
  readonly runtime?: Readonly<Record<string, unknown>>;
}

/** A configured source, ready to open: absolute path or whole URL, password included. */
export interface SourceSettings extends SourceConfig {
  readonly name: string;
  readonly dialect: "sqlite" | "postgres";
  /** PostgreSQL: whether every host of the URL is this machine. */
  readonly loopback: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: readonly SourceSettings[];
  /** `sqlite:/absolute/path`, `postgres://…` or `memory`; for `openState`. */
  readonly stateUrl: string;
  /** For the cache's shared tier: `memory:`, `sqlite:/absolute/path`, `redis://…` or `postgres://…`. */
  readonly cacheUrl: string;
  /** Files and runtime changes as they were written, defaults and other layers aside: what a version keeps. Holds no secret. */
  readonly written: Readonly<Record<string, unknown>>;
  /** By path joined with `.`; what is not here is a default. */
  readonly origins: ReadonlyMap<string, string>;
  /** The files that were read or looked for, absolute; for the watcher. */
  readonly files: readonly string[];
  readonly warnings: readonly Issue[];
}

/** Fails with `bad_config`, `bad_config_value` or `unknown_setting` issues, each with its place where it came from a file. */
export function loadConfig(inputs: LoadInputs): Result<LoadedConfig> {
  const files = fileLayers(inputs);
  const environment = environmentLayer(inputs.env);
  const flags = flagsLayer(inputs.argvFlags, inputs.cwd);
  const given = [environment.layer, flags.layer].map((layer) => expandLayer(layer, inputs.cwd, inputs, () => false));
  const runtime = expandLayer({ origin: "runtime", value: inputs.runtime ?? {} }, inputs.cwd, inputs, mayHoldSecret);
  const written = mergeLayers([...files.keepable, runtime.keepable]).value;
  const layers = [...files.layers, ...given.map(({ layer }) => layer), runtime.layer];
  const issues = [...files.issues, ...environment.issues, ...flags.issues, ...runtime.issues, ...plainSecrets(runtime)];
  if (issues.some((issue) => issue.severity === "error")) return fail(...issues);
  const merged = mergeLayers(withSuperuser(withSample(layers, inputs.sample), inputs.argvFlags));
  const checked = validateConfig(merged);
  return checked.ok
    ? ok(derived(checked.value, { merged, files: files.paths, warnings: issues, written }, inputs))
    : checked;
}

function withSample(layers: readonly Layer[], sample: LoadInputs["sample"]): readonly Layer[] {
  const { sources } = mergeLayers(layers).value;
  const hasSources = isObject(sources) && Object.keys(sources).length > 0;
  return hasSources || sample === undefined ? layers : [{ origin: "bundled sample", value: sample() }, ...layers];
}

function withSuperuser(layers: readonly Layer[], flags: Flags): readonly Layer[] {
  if (flags.allowSuperuser !== true) return layers;
  const { sources } = mergeLayers(layers).value;
  return isObject(sources) ? [...layers, superuserLayer(Object.keys(sources))] : layers;
}

/** Runtime changes are kept in state, and state keeps no secret: only references to them may come this way. */
function plainSecrets(runtime: Expanded): readonly Issue[] {
  const issues: Issue[] = [];
  mapLeaves(runtime.keepable.value, (leaf, path) => {
    if (typeof leaf !== "string" || !leaf.includes("***")) return;
    const help = "Write ${ENV_NAME} or { file: PATH } in its place.";
    issues.push(error("bad_config_value", `${path.join(".")}: holds a secret in plain text (runtime).`, { help }));
  });
  return issues;
}

interface Files {
  readonly layers: readonly Layer[];
  readonly keepable: readonly Layer[];
  readonly issues: readonly Issue[];
  readonly paths: readonly string[];
}

function fileLayers(inputs: LoadInputs): Files {
  const named = inputs.argvFlags.config ?? inputs.env.SEXTANT_CONFIG;
  if (named === undefined || named === "") return { layers: [], keepable: [], issues: [], paths: [] };
  const path = absolutePath(named, inputs.cwd, inputs.home);
  const overlay = overlayPath(path, inputs.env.SEXTANT_ENV);
  const read = [{ path, isOverlay: false }, ...(overlay === undefined ? [] : [{ path: overlay, isOverlay: true }])].map(
    (each) => fileLayer(each.path, each.isOverlay, inputs),
  );
  return {
    layers: read.flatMap(({ layer }) => layer ?? []),
    keepable: read.flatMap(({ keepable }) => keepable ?? []),
    issues: read.flatMap(({ issues }) => issues),
    paths: overlay === undefined ? [path] : [path, overlay],
  };
}

/** `sextant.production.json` beside `sextant.json`. */
function overlayPath(path: string, environment: string | undefined): string | undefined {
  if (environment === undefined || environment === "") return undefined;
  return /\.[^./]+$/u.test(path)
    ? path.replace(/\.[^./]+$/u, (ending) => `.${environment}${ending}`)
    : `${path}.${environment}`;
}

function fileLayer(path: string, isOverlay: boolean, inputs: LoadInputs): Partial<Expanded> & Pick<Expanded, "issues"> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  let text: string;
  try {
    text = inputs.readFile(path);
  } catch (cause) {
    const isMissing = (cause as { code?: string }).code === "ENOENT";
    if (isOverlay && isMissing)
      return { issues: [warning("bad_config", `SEXTANT_ENV is set, but there is no ${name}.`)] };
    const message = isMissing
      ? `There is no configuration file ${name}.`
      : `The configuration file ${name} cannot be read: ${reason(cause)}.`;
    return { issues: [error("bad_config", message, { help: "Check --config or SEXTANT_CONFIG." })] };
  }
  const parsed = parseFile(path, text);
  if (!parsed.ok) return { issues: parsed.issues };
  const value = parsed.value.value ?? {};
  if (!isObject(value)) return { issues: [error("bad_config", `${name} holds no object at its top.`)] };
  return expandLayer({ origin: `file ${name}`, value, file: parsed.value }, folderOf(path), inputs, () => true);
}

function reason(cause: unknown): string {
  return (cause as { code?: string }).code ?? (cause instanceof Error ? cause.message : "unknown reason");
}

interface Found {
  readonly merged: Merged;
  readonly files: readonly string[];
  readonly warnings: readonly Issue[];
  readonly written: Readonly<Record<string, unknown>>;
}

function derived(config: Config, { merged, files, warnings, written }: Found, inputs: LoadInputs): LoadedConfig {
  const stateUrl = config.state.url ?? `sqlite:${join(stateFolder(inputs), "sextant.db")}`;
  const sources = sourcesOf(config, inputs.env.PGHOST);
  const cacheUrl = config.cache.url ?? cacheBeside(stateUrl);
  return { config, sources, stateUrl, cacheUrl, origins: merged.origins, files, warnings, written };
}

/** The configured sources, ready to open. */
function sourcesOf(config: Config, pgHost: string | undefined): readonly SourceSettings[] {
  return Object.entries(config.sources).map(([name, source]) => ({ ...source, name, ...connection(source, pgHost) }));
}

/** XDG Base Directory Specification: `$XDG_STATE_HOME`, by default `~/.local/state`. A relative value is to be ignored. */
function stateFolder({ env, home }: LoadInputs): string {
  const base = env.XDG_STATE_HOME;
  return join(base?.startsWith("/") ? base : join(home, ".local", "state"), "sextant");
}

function cacheBeside(stateUrl: string): string {
  if (stateUrl.startsWith("sqlite:") && stateUrl !== "sqlite::memory:")
    return `sqlite:${join(folderOf(stateUrl.slice(7)), "cache.db")}`;
  return stateUrl.startsWith("postgres") ? stateUrl : "memory:";
}

function connection(
  source: SourceConfig,
  pgHost: string | undefined,
): Pick<SourceSettings, "dialect" | "url" | "loopback"> {
  const { url, password } = source;
  if (url.startsWith("sqlite:")) return { dialect: "sqlite", url, loopback: true };
  const loopback = isLoopback(url, pgHost);
  if (password === undefined) return { dialect: "postgres", url, loopback };
  const whole = URL.canParse(url) ? new URL(url) : undefined;
  // Without a host (a socket) URL takes no password; it goes as a parameter then, which node-pg understands as well.
  if (whole === undefined || whole.hostname === "") {
    const joint = url.includes("?") ? "&" : "?";
    return { dialect: "postgres", url: `${url}${joint}password=${encodeURIComponent(password)}`, loopback };
  }
  whole.password = encodeURIComponent(password);
  return { dialect: "postgres", url: whole.href, loopback };
}
