import { expect, it } from "vitest";
import { DEFAULT_FACTS } from "../default-facts.ts";
import { completeFacts } from "./complete-facts.ts";

it("gives facts back as they were kept", () => {
  expect(completeFacts("request", DEFAULT_FACTS.request)).toEqual(DEFAULT_FACTS.request);
});

it("adds what has become a fact since as absent", () => {
  const { tenancyId: _, network: __, ...kept } = DEFAULT_FACTS.request;
  expect(completeFacts("request", kept)).toEqual({
    ...kept,
    tenancyId: "",
    network: { zones: [], internetExposed: false },
  });
});
