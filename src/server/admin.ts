/**
 * The admin API under `/admin`: the configuration with its versions, and the way back. There is none unless a token is set; every request carries it.
 * Changes are made on a version (`If-Match`), as the configuration's other writers make them. Shows no secret.
 */

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Freezer } from "../catalog/freeze.js";
import type { Actor, LiveConfig, RuntimeChange } from "../config/live.js";
import { hideSecrets } from "../config/secrets.js";
import { error, fail, type Issue, type IssueCode, issueOf, type Result } from "../issue.js";
import type { Emit } from "../telemetry.js";
import { bearerIs } from "./bearer.js";

export interface AdminDeps {
  /** Compared in constant time. */
  readonly token: string;
  readonly live: LiveConfig;
  readonly freezer: Freezer;
  /** Whether this API may widen access (`server.admin_may_widen` at the start). */
  readonly mayWiden: boolean;
  readonly emit: Emit;
  /** Whatever else is worth showing: cache statistics, health. */
  status(): Readonly<Record<string, unknown>>;
}

const maxBodyBytes = 1_048_576;
const maxVersions = 1_000;

export function adminApp(deps: AdminDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    if (!bearerIs(c.req.header("authorization"), deps.token)) {
      c.header("www-authenticate", 'Bearer realm="sextant admin"');
      return c.json({ issues: [error("permission_denied", "The admin token is missing or wrong.")] }, 401);
    }
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (c) => c.json({ issues: [error("too_large", `A body has at most ${maxBodyBytes} bytes.`)] }, 413),
    }),
  );
  app.onError((cause, c) => {
    deps.emit({ event: "failure", where: "admin", cause });
    return answer(c, fail(issueOf(cause)), () => ({}));
  });
  app.notFound((c) => c.json({ issues: [error("not_found", "There is no such admin route.")] }, 404));
  configRoutes(app, deps);
  freezeRoutes(app, deps);
  app.get("/status", (c) =>
    c.json({ config_version: deps.live.current().version, frozen: frozenView(deps.freezer), ...deps.status() }),
  );
  return app;
}

function configRoutes(app: Hono, deps: AdminDeps): void {
  const { live } = deps;
  const shown = (): object => {
    const { version, config, origins, waiting } = live.current();
    return { version, config: hideSecrets(config), origins: Object.fromEntries(origins), waiting_for_restart: waiting };
  };
  const tagged = (c: Context): void => c.header("etag", `"${live.current().version}"`);
  const changed = async (c: Context, change: RuntimeChange): Promise<Response> => {
    const actor = actorOf(c, deps);
    if (!actor.ok) return answer(c, actor, shown, preconditionRequired);
    const result = await live.change(change, actor.value);
    tagged(c);
    return answer(c, result, shown);
  };

  app.get("/config", (c) => {
    tagged(c);
    return c.json(shown());
  });
  app.put("/config", async (c) => withObject(c, (replace) => changed(c, { replace })));
  app.patch("/config", async (c) => withObject(c, (patch) => changed(c, { patch })));
  app.post("/config/validate", async (c) =>
    withObject(c, async (patch) => answer(c, await live.preview({ patch }), (preview) => preview)),
  );
  app.get("/config/versions", async (c) => {
    const limit = Math.min(maxVersions, Math.max(1, Number.parseInt(c.req.query("limit") ?? "50", 10) || 50));
    return c.json({ versions: await live.versions(limit) });
  });
  app.post("/config/rollback", async (c) =>
    withObject(c, async ({ to }) => {
      if (typeof to !== "string" && typeof to !== "number")
        return answer(c, fail(wrong("`to` is a version's number or a checkpoint's name.")), shown);
      const actor = actorOf(c, deps);
      if (!actor.ok) return answer(c, actor, shown, preconditionRequired);
      const result = await live.rollback(to, actor.value);
      tagged(c);
      return answer(c, result, shown);
    }),
  );
  app.post("/config/checkpoint", async (c) =>
    withObject(c, async ({ name }) => {
      const result =
        typeof name === "string" ? await live.checkpoint(name) : fail(wrong("`name` names the checkpoint."));
      return answer(c, result, ({ version }) => ({ name, version }));
    }),
  );
}

function freezeRoutes(app: Hono, { freezer }: AdminDeps): void {
  app.get("/freeze", (c) => c.json({ frozen: frozenView(freezer) }));
  app.post("/freeze", async (c) =>
    answer(c, await freezer.freeze(authorOf(c), reasonOf(c) ?? "no reason given"), (report) => report),
  );
  app.post("/thaw", async (c) =>
    answer(c, await freezer.thaw(authorOf(c), reasonOf(c) ?? "no reason given"), (report) => report),
  );
}

function frozenView(freezer: Freezer): object | null {
  const frozen = freezer.status();
  if (frozen === undefined) return null;
  return { ...frozen, sources: frozen.sources.map(({ source, version }) => ({ source, version })) };
}

/** `If-Match: "12"` is the version that the change was made on; `*` is whatever is newest. */
function actorOf(c: Context, deps: AdminDeps): Result<Actor> {
  const match = c.req.header("if-match");
  const version = /^(?:W\/)?"(\d+)"$/u.exec(match ?? "")?.[1];
  if (match !== "*" && version === undefined) {
    return fail(
      error("invalid_argument", "If-Match is missing.", {
        help: 'Send the ETag of GET /admin/config, for example If-Match: "12", or *.',
      }),
    );
  }
  const actor = { author: authorOf(c), reason: reasonOf(c) ?? "no reason given", mayWiden: deps.mayWiden };
  return { ok: true, value: version === undefined ? actor : { ...actor, expected: Number(version) }, warnings: [] };
}

/** Who and why, for the history: told by the caller, whom the token makes trustworthy. */
function authorOf(c: Context): string {
  return headerText(c, "sextant-author") ?? "admin";
}

function reasonOf(c: Context): string | undefined {
  return headerText(c, "sextant-reason");
}

function headerText(c: Context, name: string): string | undefined {
  const text = c.req
    .header(name)
    ?.replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, 500);
  return text === "" ? undefined : text;
}

async function withObject(
  c: Context,
  then: (body: Readonly<Record<string, unknown>>) => Promise<Response>,
): Promise<Response> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch {
    body = undefined; // answered below: malformed and missing are the same to the caller
  }
  const isFit = typeof body === "object" && body !== null && !Array.isArray(body);
  return isFit
    ? then(body as Readonly<Record<string, unknown>>)
    : answer(c, fail(wrong("The body is a JSON object.")), () => ({}));
}

function wrong(message: string): Issue {
  return error("invalid_argument", message);
}

function answer<T>(c: Context, result: Result<T>, show: (value: T) => object, refusal?: Refusal): Response {
  if (result.ok) return c.json({ ...show(result.value), warnings: result.warnings });
  return c.json({ issues: result.issues }, refusal ?? statusOf(result.issues[0]?.code));
}

type Refusal = 403 | 404 | 412 | 422 | 428 | 500 | 503;

/** RFC 6585. */
const preconditionRequired: Refusal = 428;

/** HTTP's words for the first issue (RFC 9110). */
function statusOf(code: IssueCode | undefined): Refusal {
  if (code === "config_conflict") return 412;
  if (code === "permission_denied") return 403;
  if (code === "not_found" || code === "unknown_source") return 404;
  if (code === "state_unavailable" || code === "source_unreachable") return 503;
  return code === "internal_error" || code === undefined ? 500 : 422;
}
