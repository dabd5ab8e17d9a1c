import { describe, expect, it } from "vitest";
import { distanceKm, sameCity } from "./geography.ts";

const places = new Map([
  ["440100", { latitude: 23.1292, longitude: 113.2644 }],
  ["440300", { latitude: 22.5431, longitude: 114.0579 }],
  ["110000", { latitude: 39.9042, longitude: 116.4074 }],
]);

describe("distanceKm", () => {
  it("measures along the great circle, the same both ways", () => {
    expect(distanceKm(places, "440100", "440300")).toBe(104);
    expect(distanceKm(places, "440300", "440100")).toBe(104);
    expect(distanceKm(places, "440100", "110000")).toBe(1888);
    expect(distanceKm(places, "440100", "440100")).toBe(0);
  });

  it("puts a county where its city is, and counts an unknown place as near", () => {
    expect(distanceKm(places, "440106", "440305")).toBe(104);
    expect(distanceKm(places, "440100", "990000")).toBe(0);
  });
});

describe("sameCity", () => {
  it("compares the first four digits of full codes only", () => {
    expect(sameCity("440100", "440106")).toBe(true);
    expect(sameCity("440100", "440300")).toBe(false);
    expect(sameCity("440000", "440100")).toBe(false);
    expect(sameCity("", "")).toBe(false);
  });
});
