/** Habits: the most asked of one source is not crowded out by another's, and what usually comes next is known from the third time on. */

import { expect, test } from "vitest";
import { createHabits } from "../../src/cache/habits.js";

test("the most asked of those that fit, best first", () => {
  const habits = createHabits<string>();
  for (const question of ["erp a", "erp a", "erp a", "erp b", "erp b", "crm c"])
    habits.asked("ada", question, question);
  expect(habits.hottest(2, () => true)).toEqual(["erp a", "erp b"]);
  expect(habits.hottest(2, (question) => question.startsWith("crm"))).toEqual(["crm c"]);
});

test("a follower counts from the third time, and by caller", () => {
  const habits = createHabits<string>();
  const next: (readonly string[])[] = [];
  for (let n = 0; n < 4; n += 1) {
    next.push(habits.asked("ada", "map", "map"));
    habits.asked("bob", "other", "other");
    habits.asked("ada", "build", "build");
  }
  expect(next).toEqual([[], [], [], ["build"]]);
});
