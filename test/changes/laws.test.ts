/** The laws of diff and apply: nothing from nothing, complete, blind to the order of discovery, agreeing when composed. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyChanges } from "../../src/changes/apply.js";
import type { Seen } from "../../src/changes/change.js";
import { diffSnapshots } from "../../src/changes/diff.js";
import { normalForm } from "../../src/schema/normal-form.js";
import type { SchemaSnapshot } from "../../src/schema/snapshot.js";
import { allTables, arbitrarySnapshot, seenWithIdentity } from "./arbitrary.js";

const runs = { numRuns: 150, seed: 7 };
const seen = (snapshot: SchemaSnapshot): Seen => ({ snapshot });
const copy = <T>(value: T): T => structuredClone(value);

/** Identities that cut across names: the same number under another name is a rename. */
const shifted = (snapshot: SchemaSnapshot, by: number, columns = 0): Seen =>
  seenWithIdentity(snapshot, (t) => String((allTables.indexOf(`${t.schema}.${t.name}`) + by) % 10), columns);

describe("diff and apply", () => {
  it("finds nothing between a snapshot and its copy", () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), (s) => {
        expect(diffSnapshots(seen(s), seen(copy(s)))).toEqual([]);
        expect(diffSnapshots(shifted(s, 0), shifted(copy(s), 0))).toEqual([]);
      }),
      runs,
    );
  });

  it("is complete: applying the changes gives the later snapshot", () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), arbitrarySnapshot(), (a, b) => {
        const changes = diffSnapshots(seen(a), seen(b));
        expect(normalForm(applyChanges(changes, a))).toEqual(normalForm(b));
      }),
      runs,
    );
  });

  it("is complete with renames, swaps and tables created again", () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), arbitrarySnapshot(), fc.nat(3), fc.nat(2), (a, b, by, columns) => {
        const changes = diffSnapshots(shifted(a, 0), shifted(b, by, columns));
        expect(normalForm(applyChanges(changes, a))).toEqual(normalForm(b));
      }),
      runs,
    );
  });

  it("does not depend on the order of discovery", () => {
    const turned = (s: SchemaSnapshot): SchemaSnapshot => ({
      ...s,
      tables: s.tables
        .map((t) => ({
          ...t,
          uniques: t.uniques.toReversed(),
          checks: t.checks.toReversed(),
          indexes: t.indexes.toReversed(),
        }))
        .toReversed(),
      functions: s.functions.toReversed(),
      enums: s.enums.toReversed(),
      sequences: s.sequences.toReversed(),
      schemas: s.schemas.toReversed(),
    });
    fc.assert(
      fc.property(arbitrarySnapshot(), arbitrarySnapshot(), (a, b) => {
        const straight = diffSnapshots(shifted(a, 0), shifted(b, 1));
        const other = diffSnapshots(shifted(turned(a), 0), shifted(turned(b), 1));
        expect(other.map((c) => `${c.kind} ${c.object}`)).toEqual(straight.map((c) => `${c.kind} ${c.object}`));
        expect(diffSnapshots(seen(a), seen(turned(a)))).toEqual([]);
      }),
      runs,
    );
  });

  it("agrees when composed", () => {
    fc.assert(
      fc.property(arbitrarySnapshot(), arbitrarySnapshot(), arbitrarySnapshot(), (a, b, c) => {
        const stepwise = applyChanges(
          diffSnapshots(seen(b), seen(c)),
          applyChanges(diffSnapshots(seen(a), seen(b)), a),
        );
        expect(normalForm(stepwise)).toEqual(normalForm(applyChanges(diffSnapshots(seen(a), seen(c)), a)));
        expect(diffSnapshots(seen(stepwise), seen(c))).toEqual([]);
      }),
      runs,
    );
  });
});
