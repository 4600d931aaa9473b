/** Layers, origins, references, paths, places and refusals of the configuration, over files in memory. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CacheSettings } from "../../src/cache/settings.js";
import type { DiscoverySettings } from "../../src/catalog/settings.js";
import { defaultDiscovery } from "../../src/catalog/settings.js";
import { type LoadedConfig, type LoadInputs, loadConfig } from "../../src/config/load.js";
import { printConfig } from "../../src/config/print.js";
import { camelKeys, connectorSettings } from "../../src/config/rooms.js";
import { hideInText } from "../../src/config/secrets.js";
import { settings } from "../../src/config/settings.js";
import type { ConnectorSettings } from "../../src/databases/settings.js";
import type { Issue } from "../../src/issue.js";

const example = `{
  // what start.md shows
  "sources": {
    "erp": { "url": "postgres://reader@127.0.0.1/erp", "schemas": ["public"], "pool": { "max": 4 } },
    "crm": { "url": "sqlite:./crm.db" },
  },
  "default_source": "erp",
  "glossary": ["./glossary.yaml"],
  "state": { "url": "sqlite:./state/sextant.db" },
  "cache": { "url": "memory:" },
  "discovery": {}, "terms": {}, "query": {}, "changes": {}, "access": {}, "limits": {}, "telemetry": {}, "server": {}
}`;

function inputs(files: Readonly<Record<string, string>>, more: Partial<LoadInputs> = {}): LoadInputs {
  return {
    argvFlags: { config: "/etc/sextant/sextant.json" },
    env: {},
    cwd: "/srv",
    home: "/home/ada",
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
      return text;
    },
    ...more,
  };
}

function loaded(
  text: string,
  more: Partial<LoadInputs> = {},
  files: Readonly<Record<string, string>> = {},
): LoadedConfig {
  const result = loadConfig(inputs({ "/etc/sextant/sextant.json": text, ...files }, more));
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error("nothing there");
  return first;
}

function refused(
  text: string,
  more: Partial<LoadInputs> = {},
  files: Readonly<Record<string, string>> = {},
): readonly Issue[] {
  const result = loadConfig(inputs({ "/etc/sextant/sextant.json": text, ...files }, more));
  return result.ok ? [] : result.issues;
}

describe("layers", () => {
  test("nothing configured gives defaults, state in the user's state folder, cache beside it", () => {
    const result = loadConfig(inputs({}, { argvFlags: {} }));
    expect(result).toMatchObject({
      ok: true,
      value: {
        sources: [],
        stateUrl: "sqlite:/home/ada/.local/state/sextant/sextant.db",
        cacheUrl: "sqlite:/home/ada/.local/state/sextant/cache.db",
        warnings: [],
      },
    });
  });

  test("XDG_STATE_HOME moves it; memory and PostgreSQL state choose the cache", () => {
    expect(loaded("{}", { env: { XDG_STATE_HOME: "/var/s" } }).stateUrl).toBe("sqlite:/var/s/sextant/sextant.db");
    expect(loaded("{}", { env: { XDG_STATE_HOME: "relative" } }).stateUrl).toMatch(/^sqlite:\/home\/ada/u);
    expect(loaded('{"state":{"url":"memory"}}').cacheUrl).toBe("memory:");
    expect(loaded('{"state":{"url":"postgres://h/d"}}').cacheUrl).toBe("postgres://h/d");
  });

  test("the bundled sample is served where no layer names a source", () => {
    const sample = (): Readonly<Record<string, unknown>> => ({ sources: { ledger: { url: "sqlite:/ledger.db" } } });
    expect(loaded("{}", { sample }).sources.map((s) => s.name)).toEqual(["ledger"]);
    expect(loaded(example, { sample }).sources.map((s) => s.name)).toEqual(["erp", "crm"]);
    expect(loaded("{}", { sample }).written).toEqual({});
  });

  test("the contract's example loads, JSON with comments and trailing commas as it is", () => {
    const { config, sources, stateUrl } = loaded(example);
    expect(config.default_source).toBe("erp");
    expect(sources.map((s) => [s.name, s.dialect, s.url, s.loopback])).toEqual([
      ["erp", "postgres", "postgres://reader@127.0.0.1/erp", true],
      ["crm", "sqlite", "sqlite:/etc/sextant/crm.db", true],
    ]);
    expect(config.glossary).toEqual(["/etc/sextant/glossary.yaml"]);
    expect(stateUrl).toBe("sqlite:/etc/sextant/state/sextant.db");
  });

  test("later layers win and say who they are", () => {
    const { config, origins } = loaded(
      '{"query":{"max_rows":1000,"default_rows":10,"timeout_ms":100},"cache":{"stale_ms":1}}',
      {
        argvFlags: { config: "/etc/sextant/sextant.json", http: "127.0.0.1:9" },
        env: { SEXTANT_ENV: "production", SEXTANT_QUERY__TIMEOUT_MS: "300" },
        runtime: { cache: { stale_ms: 4 } },
      },
      { "/etc/sextant/sextant.production.json": '{"query":{"default_rows":20,"timeout_ms":200}}' },
    );
    expect(config.query).toMatchObject({ max_rows: 1000, default_rows: 20, timeout_ms: 300 });
    expect(config.cache.stale_ms).toBe(4);
    expect(config.server.http).toBe("127.0.0.1:9");
    expect(
      ["query.max_rows", "query.default_rows", "query.timeout_ms", "cache.stale_ms", "server.http"].map((p) =>
        origins.get(p),
      ),
    ).toEqual([
      "file sextant.json",
      "file sextant.production.json",
      "environment SEXTANT_QUERY__TIMEOUT_MS",
      "runtime",
      "flag --http",
    ]);
  });

  test("null takes back what an earlier layer set", () => {
    const { config } = loaded(
      example,
      { env: { SEXTANT_ENV: "x" } },
      { "/etc/sextant/sextant.x.json": '{"sources":{"crm":null},"default_source":null}' },
    );
    expect(Object.keys(config.sources)).toEqual(["erp"]);
    expect(config.default_source).toBeUndefined();
  });

  test("flags: sources by NAME=URL against the working folder, state by folder, URL or memory", () => {
    const flags = { source: ["erp=postgres://u@h/d?sslmode=require", "crm=sqlite:./crm.db"], state: "./s" };
    const { sources, stateUrl } = loaded("{}", { argvFlags: flags });
    expect(sources.map((s) => s.url)).toEqual(["postgres://u@h/d?sslmode=require", "sqlite:/srv/crm.db"]);
    expect(stateUrl).toBe("sqlite:/srv/s/sextant.db");
    expect(loaded("{}", { argvFlags: { state: "memory" } }).stateUrl).toBe("memory");
    expect(loaded("{}", { argvFlags: { state: "sqlite:~/x.db" } }).stateUrl).toBe("sqlite:/home/ada/x.db");
    expect(refused("{}", { argvFlags: { source: ["postgres://u@h/d"] } })[0]?.message).toContain("NAME=URL");
    expect(refused("{}", { argvFlags: { source: ["a=sqlite:x", "a=sqlite:y"] } })[0]?.message).toContain("twice");
  });

  test.each([
    ["SEXTANT_LIMITS__SESSIONS", "7", (c: LoadedConfig) => c.config.limits.sessions, 7],
    ["SEXTANT_QUERY__RUN", "false", (c: LoadedConfig) => c.config.query.run, false],
    ["SEXTANT_SERVER__TOKEN", "12345", (c: LoadedConfig) => c.config.server.token, "12345"],
    [
      "SEXTANT_SERVER__ALLOWED_HOSTS",
      "a.test, b.test",
      (c: LoadedConfig) => c.config.server.allowed_hosts,
      ["a.test", "b.test"],
    ],
    ["SEXTANT_ACCESS__DENY_TABLES", '["x*"]', (c: LoadedConfig) => c.config.access.deny_tables, ["x*"]],
    ["SEXTANT_SOURCES__ERP__URL", "sqlite:e.db", (c: LoadedConfig) => c.sources[0]?.url, "sqlite:/srv/e.db"],
    ["SEXTANT_SOURCES__ERP", '{url:"sqlite:/e.db"}', (c: LoadedConfig) => c.sources[0]?.url, "sqlite:/e.db"],
  ] as const)("environment %s=%s", (name, text, read, wanted) => {
    expect(read(loaded("{}", { env: { [name]: text } }))).toEqual(wanted);
  });

  test("variables that an orchestrator puts there are named, not fatal; a wrong name in a section is", () => {
    expect(loaded("{}", { env: { SEXTANT_PORT: "tcp://10.0.0.1:80" } }).warnings.map((w) => w.code)).toEqual([
      "unknown_setting",
    ]);
    expect(refused("{}", { env: { SEXTANT_QUERY__MAX_ROW: "1" } })[0]).toMatchObject({
      code: "unknown_setting",
      candidates: expect.arrayContaining(["query.max_rows"]) as string[],
    });
  });

  test("YAML says the same as JSON", () => {
    const yaml = "sources:\n  erp: {url: 'postgres://h/d', pool: {max: 2}}\nquery:\n  max_rows: 500\n";
    const json = '{"sources":{"erp":{"url":"postgres://h/d","pool":{"max":2}}},"query":{"max_rows":500}}';
    const fromYaml = loaded("", { argvFlags: { config: "/c.yaml" } }, { "/c.yaml": yaml });
    expect(fromYaml.config).toEqual(loaded(json).config);
  });
});

describe("references and secrets", () => {
  const text = JSON.stringify({
    sources: {
      a: { url: "postgres://u:${PW}@h/d" },
      b: { url: "postgres://u@h/d", password: { file: "./pw" } },
      c: { url: "postgres:///d", password: "p&q/é" },
    },
    server: { admin_token: "${TOKEN:-fallback}" },
  });
  const world = { env: { PW: "canary-1" } };
  const files = { "/etc/sextant/pw": "canary-2\n" };

  test("become their text", () => {
    const { sources, config } = loaded(text, world, files);
    expect(sources.map((s) => s.url)).toEqual([
      "postgres://u:canary-1@h/d",
      "postgres://u:canary-2@h/d",
      "postgres:///d?password=p%26q%2F%C3%A9",
    ]);
    expect(config.server.admin_token).toBe("fallback");
  });

  test("are kept in versions as references only", () => {
    const { written } = loaded(text, world, files);
    expect(written).toEqual({
      sources: {
        a: { url: "postgres://u:${PW}@h/d" },
        b: { url: "postgres://u@h/d", password: { file: "/etc/sextant/pw" } },
        c: { url: "postgres:///d", password: "***" },
      },
      server: { admin_token: "***" },
    });
  });

  test("are never printed", () => {
    const printed = printConfig(loaded(text, world, files));
    expect(printed).not.toMatch(/canary|fallback|p&q|p%26q/u);
    expect(printed).toContain("postgres://u:***@h/d");
  });

  test("what is missing is said with its name and place, and without values", () => {
    const issues = refused(text, {}, {});
    expect(issues.map((i) => i.code)).toEqual(["bad_config_value", "bad_config_value"]);
    expect(issues[0]).toMatchObject({ message: expect.stringContaining("PW") as string, at: { line: 1 } });
  });

  test("runtime changes follow references for secrets only, so that nobody reads the environment through them", () => {
    const { config } = loaded("{}", {
      env: { PW: "canary" },
      runtime: { default_source: null, access: { deny_tables: ["${PW}"] }, server: { token: "${PW}" } },
    });
    expect(config.access.deny_tables).toEqual(["${PW}"]);
    expect(config.server.token).toBe("canary");
  });

  test("a URL with a secret in any position is printed without it", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9%._~-]{6,20}$/u);
    fc.assert(
      fc.property(word, word, fc.constantFrom("postgres", "redis", "https"), (user, secret, scheme) => {
        fc.pre(!user.includes(secret) && !"password=***@host/db".includes(secret));
        for (const url of [
          `${scheme}://${user}:${secret}@host/db`,
          `${scheme}://host/db?password=${secret}&x=1`,
          `${scheme}://:${secret}@host`,
        ]) {
          expect(hideInText(`failed: ${url} said no`)).not.toContain(secret);
        }
      }),
    );
  });
});

describe("refusals", () => {
  test.each([
    [
      "an unknown key, with the nearest",
      '{"cache":{"max_byte":1}}',
      {
        code: "unknown_setting",
        help: "Did you mean cache.max_bytes?",
        at: { line: 1, column: 11, offset: 10, length: 10 },
      },
    ],
    [
      "an unknown section",
      '{\n  "querry": {}\n}',
      { code: "unknown_setting", candidates: ["query"], at: { line: 2, column: 3 } },
    ],
    [
      "a setting in the wrong section",
      '{"server":{"max_rows":1}}',
      { code: "unknown_setting", candidates: ["query.max_rows"] },
    ],
    [
      "a value of another type",
      '{"query":{"max_rows":"many"}}',
      { code: "bad_config_value", message: expect.stringMatching(/^query\.max_rows: .*number.*file sextant\.json/u) },
    ],
    ["a value out of range", '{"query":{"max_rows":0}}', { code: "bad_config_value" }],
    [
      "a URL of no known kind",
      '{"sources":{"a":{"url":"mysql://h/d"}}}',
      { code: "bad_config_value", message: expect.stringContaining("sources.a.url") },
    ],
    ["a source's bad name", '{"sources":{"a b":{"url":"sqlite:x"}}}', { code: "bad_config_value" }],
    [
      "a default source that is none",
      '{"sources":{"erp":{"url":"sqlite:x"}},"default_source":"erb"}',
      { code: "bad_config_value", candidates: ["erp"] },
    ],
    ["bounds the wrong way round", '{"cache":{"min_ttl_ms":9000,"max_ttl_ms":8000}}', { code: "bad_config_value" }],
    ["no time zone", '{"query":{"time_zone":"Mars/Olympus"}}', { code: "bad_config_value" }],
    ["torn JSON", '{"query":{"max_rows":', { code: "bad_config", at: { line: 1, column: 22 } }],
    ["a key given twice", '{"query":{"max_rows":1},\n"query":{}}', { code: "bad_config", at: { line: 2, column: 1 } }],
    ["a list at the top", "[]", { code: "bad_config" }],
    ["a prototype's name as a key", '{"__proto__":{"query":1}}', { code: "unknown_setting" }],
  ])("%s", (_what, text, wanted) => {
    expect(refused(text)[0]).toMatchObject(wanted);
  });

  test("every fault is told at once", () => {
    expect(refused('{"a":1,"query":{"max_rows":0,"b":2},"cache":{"stale_ms":-1}}')).toHaveLength(4);
  });

  test("a missing file, a missing overlay, YAML faults", () => {
    expect(refused("{}", { argvFlags: { config: "none.json" } })[0]).toMatchObject({ code: "bad_config" });
    expect(loaded("{}", { env: { SEXTANT_ENV: "staging" } }).warnings).toHaveLength(1);
    const yaml = { "/c.yaml": "query:\n  max_rows: 1\n  max_rows: 2\n" };
    expect(refused("", { argvFlags: { config: "/c.yaml" } }, yaml)[0]).toMatchObject({
      code: "bad_config",
      at: { line: 3 },
    });
  });

  test("no text whatever makes it throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^[{}[\]",:a-z0-9\s/*'#&-]*$/u)),
        fc.constantFrom("json", "yaml"),
        (text, ending) => {
          const result = loadConfig(inputs({ [`/c.${ending}`]: text }, { argvFlags: { config: `/c.${ending}` } }));
          const offsets = result.ok ? [] : result.issues.map((issue) => issue.at?.offset ?? 0);
          expect(Math.max(0, ...offsets)).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 400 },
    );
    expect(refused("[".repeat(300_000))[0]?.code).toBe("bad_config");
  });
});

describe("what rooms are handed", () => {
  test("sections fit the rooms' own settings, and so do the defaults", () => {
    const { config, sources } = loaded('{"sources":{"a":{"url":"sqlite:/a.db"}}}');
    const discovery: DiscoverySettings = camelKeys(config.discovery);
    const cache: CacheSettings = camelKeys(config.cache);
    const connector: ConnectorSettings = connectorSettings(only(sources));
    expect(discovery).toMatchObject(defaultDiscovery);
    expect(cache.maxBytes).toBe(67_108_864);
    expect(connector.url).toBe("sqlite:/a.db");
  });

  test.each([
    ["postgres://u@127.0.0.1/d", undefined, true],
    ["postgres://u@127.1.2.3:5433/d", undefined, true],
    ["postgres://u@[::1]:5432/d", undefined, true],
    ["postgres://u@localhost/d", undefined, true],
    ["postgres:///d", undefined, true],
    ["postgres:///d", "db.example.com", false],
    ["postgres:///d?host=/var/run/postgresql", "db.example.com", true],
    ["postgres://u@%2Fvar%2Frun/d", undefined, true],
    ["postgres://u@localhost/d?host=db.example.com", undefined, false],
    ["postgres://u@localhost,db.example.com/d", undefined, false],
    ["postgres://u@127.0.0.1.example.com/d", undefined, false],
    ["postgres://localhost@db.example.com/d", undefined, false],
  ])("%s with PGHOST %s: this machine %s", (url, PGHOST, wanted) => {
    const { sources } = loaded(JSON.stringify({ sources: { a: { url } } }), { env: { PGHOST } });
    expect(sources[0]?.loopback).toBe(wanted);
    expect(connectorSettings(only(sources)).allowSuperuser).toBe(wanted);
  });

  test("--allow-superuser speaks for the sources of every layer", () => {
    const { sources } = loaded('{"sources":{"a":{"url":"postgres://far.example/d"}}}', {
      argvFlags: { config: "/etc/sextant/sextant.json", allowSuperuser: true },
    });
    expect(sources[0]?.allow_superuser).toBe(true);
  });
});

test("every setting has a meaning; a time, size or age says its unit in its name", () => {
  expect(settings.filter((s) => s.description === "").map((s) => s.path)).toEqual([]);
  const unnamed = settings.filter(
    (s) => /, (ms|bytes|days)\b/u.test(s.description) && !/_(ms|bytes|days)$/u.test(s.path),
  );
  expect(unnamed.map((s) => s.path)).toEqual([]);
});
