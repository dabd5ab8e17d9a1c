import { isNotFound, ProviderFault, type ProviderFaultKind } from "../faults.ts";

/** For removals: what is gone already needs no removing. */
export async function ignoringNotFound(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Null where the call ended in one of these faults, which the caller then deals with. */
export async function unless<Value>(
  kinds: readonly ProviderFaultKind[],
  work: Promise<Value>,
): Promise<Value | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProviderFault && kinds.includes(error.kind)) return null;
    throw error;
  }
}
