/** Work that callers share: who joins what is in the air, and who waits for its end. */

import { expect, it } from "vitest";
import { createFlight, type Passenger } from "../../src/catalog/waiting.js";

/** Starts work that ends when told; `began` names all that was started, in order. */
function airfield() {
  const flight = createFlight<string>();
  const began: string[] = [];
  const landings = new Map<string, () => void>();
  const board = (name: string, passenger: Partial<Passenger> = {}) => {
    const start = () => {
      began.push(name);
      return new Promise<string>((resolve) => landings.set(name, () => resolve(name)));
    };
    return flight.join(start, { waitMs: Number.POSITIVE_INFINITY, ...passenger });
  };
  const land = async (name: string) => {
    landings.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { began, board, land };
}

it("shares what is in the air; one who asks for a look that begins now waits for its end", async () => {
  const { began, board, land } = airfield();
  const [first, second] = [board("first"), board("second")];
  const [third, fourth] = [board("third", { afresh: true }), board("fourth", { afresh: true })];
  expect(began).toEqual(["first"]);
  await land("first");
  expect(began).toEqual(["first", "third"]);
  await land("third");
  expect(await Promise.all([first, second, third, fourth])).toEqual(
    ["first", "first", "third", "third"].map((value) => ({ outcome: "done", value })),
  );
});

it("a look at a part serves those alone who asked for a part; a look at all serves everyone", async () => {
  const { began, board, land } = airfield();
  const part = board("part", { partial: true });
  const [other, whole] = [board("other", { partial: true }), board("whole")];
  expect(began).toEqual(["part"]);
  await land("part");
  expect(began).toEqual(["part", "whole"]);
  const late = board("late", { partial: true });
  await land("whole");
  expect(await Promise.all([part, other, whole, late])).toEqual(
    ["part", "part", "whole", "whole"].map((value) => ({ outcome: "done", value })),
  );
});

it("gives up after the time a passenger has, while the work goes on", async () => {
  const { board, land } = airfield();
  const work = board("work");
  expect(await board("hasty", { waitMs: 1 })).toEqual({ outcome: "late" });
  expect(await board("hasty and strict", { waitMs: 1, afresh: true })).toEqual({ outcome: "late" });
  await land("work");
  expect(await work).toEqual({ outcome: "done", value: "work" });
});
