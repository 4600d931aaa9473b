/**
 * What is asked, how often, and what the same caller asks next: so that the likely questions are answered before they are asked again. Bounded in
 * size, and old habits fade. Pure but for its own memory; it answers nothing itself.
 */

export interface Habits<Q> {
  /** Notes a question of a caller's. Returns the questions that have usually come next. */
  asked(caller: string, id: string, question: Q): readonly Q[];
  /** Of the questions that fit, the most asked first. */
  hottest(limit: number, fits: (question: Q) => boolean): readonly Q[];
}

interface Habit<Q> {
  readonly id: string;
  question: Q;
  count: number;
  /** How often each other question came next, by id. */
  readonly next: Map<string, number>;
}

/** Questions and callers remembered at most. */
const maxQuestions = 1_000;
const maxCallers = 1_000;
/** Followers kept a question. */
const maxNext = 8;
/** A follower counts from so many times, and from this share of what came next. */
const minTimes = 3;
const minShare = 0.5;
/** After so many questions every count is halved. */
const fadeAfter = 10_000;

export function createHabits<Q>(): Habits<Q> {
  const habits = new Map<string, Habit<Q>>();
  const lastOf = new Map<string, Habit<Q>>();
  let noted = 0;

  const fade = (): void => {
    for (const [id, habit] of habits) {
      habit.count /= 2;
      if (habit.count < 1) habits.delete(id);
      for (const [next, times] of habit.next) habit.next.set(next, times / 2);
    }
  };
  const known = (id: string, question: Q): Habit<Q> => {
    const habit = habits.get(id) ?? { id, question, count: 0, next: new Map() };
    habits.delete(id); // last in the order: the first is the one least recently asked
    habits.set(id, habit);
    if (habits.size > maxQuestions) habits.delete(habits.keys().next().value ?? "");
    habit.question = question;
    habit.count += 1;
    return habit;
  };
  const follow = (caller: string, habit: Habit<Q>): void => {
    const before = lastOf.get(caller);
    lastOf.delete(caller);
    lastOf.set(caller, habit);
    if (lastOf.size > maxCallers) lastOf.delete(lastOf.keys().next().value ?? "");
    if (before === undefined || before.id === habit.id) return;
    before.next.set(habit.id, (before.next.get(habit.id) ?? 0) + 1);
    if (before.next.size <= maxNext) return;
    const [rarest] = [...before.next].reduce((a, b) => (b[1] < a[1] ? b : a));
    before.next.delete(rarest);
  };

  return {
    asked(caller, id, question) {
      noted += 1;
      if (noted % fadeAfter === 0) fade();
      const habit = known(id, question);
      follow(caller, habit);
      const times = [...habit.next.values()].reduce((sum, n) => sum + n, 0);
      return [...habit.next]
        .filter(([, n]) => n >= minTimes && n >= times * minShare)
        .flatMap(([next]) => habits.get(next)?.question ?? []);
    },
    hottest: (limit, fits) =>
      [...habits.values()]
        .filter(({ question }) => fits(question))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, limit)
        .map(({ question }) => question),
  };
}
