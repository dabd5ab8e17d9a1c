import { expect, it } from "vitest";
import { adoptedStock } from "./adopted-stock.ts";

const declared = { total: 100, reserved: 20 };

it("takes the cloud at its word, and keeps back what the province or the cloud keeps back", () => {
  expect(adoptedStock(declared, { total: 120, reserved: 0 })).toEqual({ total: 120, reserved: 20 });
  expect(adoptedStock(declared, { total: 80, reserved: 30 })).toEqual({ total: 80, reserved: 30 });
  expect(adoptedStock(declared, { total: 10, reserved: 0 })).toEqual({ total: 10, reserved: 10 });
});

it("changes nothing where the cloud says the same, or nothing", () => {
  expect(adoptedStock(declared, { total: 100, reserved: 0 })).toBeNull();
  expect(adoptedStock(declared, null)).toBeNull();
});
