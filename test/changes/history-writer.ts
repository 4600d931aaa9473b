/** A process that records a SQLite file's changes as fast as it can until it is killed. */

import { createHistory } from "../../src/catalog/history.js";
import { openConnector } from "../../src/databases/open.js";
import { openState } from "../../src/state/open.js";
import { look } from "./live.js";

const [, , database, statePath] = process.argv;
const connector = openConnector({ url: `sqlite:${database}` });
const history = createHistory(await openState(`sqlite:${statePath}`));
process.send?.("ready");
for (;;) await history.record(await look(connector));
