import { expect, test } from "vitest";
import { answered, inTurn, isUnderway, versionOf } from "./turns";

/** A deed that is answered when the story says so. */
function deed(): { done: Promise<void>; end: () => void; fail: () => void } {
  let end = () => {};
  let fail = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = () => reject(new Error("refused"));
  });
  return { done, end, fail };
}

const soon = () => new Promise((done) => setTimeout(done));

test("a deed waits for the one before it on the same visit, and for no other", async () => {
  const [first, second, third] = [deed(), deed(), deed()];
  const said: string[] = [];
  const tell = (name: string, one: ReturnType<typeof deed>) => () => {
    said.push(name);
    return one.done;
  };
  const one = inTurn(["a"], tell("first", first));
  const two = inTurn(["b", "a"], tell("second", second));
  const three = inTurn(["c"], tell("third", third));
  await soon();
  expect(said).toEqual(["first", "third"]);
  first.end();
  await one;
  expect(isUnderway("a")).toBe(true);
  await soon();
  expect(said).toEqual(["first", "third", "second"]);
  second.end();
  third.end();
  await Promise.all([two, three]);
  expect(["a", "b", "c"].some(isUnderway)).toBe(false);
});

test("one that is refused is in nobody's way", async () => {
  const refused = deed();
  const one = inTurn(["d"], () => refused.done);
  const two = inTurn(["d"], async () => "done");
  refused.fail();
  await expect(one).rejects.toThrow("refused");
  await expect(two).resolves.toBe("done");
  expect(isUnderway("d")).toBe(false);
});

test("what one made of a version is known before the board reads it", () => {
  expect(versionOf({ id: "e", version: 3 })).toBe(3);
  answered([{ id: "e", version: 4 }]);
  expect(versionOf({ id: "e", version: 3 })).toBe(4);
  expect(versionOf({ id: "e", version: 6 })).toBe(6);
});
