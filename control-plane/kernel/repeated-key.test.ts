import { describe, expect, it } from "vitest";
import { repeatedKey } from "./repeated-key.ts";

describe("a key that stands twice in one object", () => {
  it.each([
    ['{"a":1,"b":2,"a":3}', "a"],
    ['{"a" : 1,"\\u0061"\n:2}', "a"],
    ['[{"x":{"k":1,"k":1}}]', "k"],
    ['{"":1,"":2}', ""],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"a":[{"a":1}],"b":{"a":{}},"a":0}', "a"],
  ])("is found in %s", (json, key) => {
    expect(repeatedKey(json)).toBe(key);
  });

  it.each([
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
    '{"a":"\\"b\\":1","b":"{\\"b\\":1}","c":"\\\\"}',
    '["a","a"]',
    '"a"',
  ])("is not seen in %s", (json) => {
    expect(repeatedKey(json)).toBeNull();
  });

  it("is looked for in texts of any depth and length", () => {
    expect(repeatedKey(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)).toBeNull();
    expect(repeatedKey(`{"a":"${"\\n".repeat(2_000_000)}","b":"${"系".repeat(4_000_000)}","a":1}`)).toBe("a");
  });
});
