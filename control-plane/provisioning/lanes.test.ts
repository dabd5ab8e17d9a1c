import { expect, it } from "vitest";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { cloudLanes, LANES } from "./lanes.ts";

const at = (name: string, reachable = true) => ({ cloudId: knownId<CloudId>(name), reachable });

it("gives one cloud a part of the lanes, and leaves the rest to the others", () => {
  const enter = cloudLanes();
  const hanging = ["a", "b", "c"];
  const entered = Array.from({ length: 100 }, (_, index) => enter([at(hanging[index % 3] ?? "")]));
  const inside = entered.filter((leave) => leave !== null);
  expect(inside.length).toBeLessThan(LANES);
  expect(enter([at("d")])).not.toBeNull();
  inside[0]?.();
  expect(enter([at("a")])).not.toBeNull();
  expect(enter([at("a")])).toBeNull();
});

it("gives one that does not answer a single lane, and a job at two clouds both or none", () => {
  const enter = cloudLanes();
  const leave = enter([at("away", false)]);
  expect(enter([at("well"), at("away", false)])).toBeNull();
  leave?.();
  expect(enter([at("well"), at("away", false)])).not.toBeNull();
  // Whoever got none has left nothing behind.
  for (let lane = 0; lane < 5; lane += 1) expect(enter([at("well")])).not.toBeNull();
  expect(enter([at("well")])).toBeNull();
});
