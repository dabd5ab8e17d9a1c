import type { Control } from "./controllers.ts";
import { partOf } from "./objects.ts";
import { CLAIMS, PODS, STORAGE_CLASSES } from "./resources.ts";
import { ClaimView, PodView } from "./views.ts";

/** Binds a disk where there is a storage class, and lets it go once no pod uses it. */
export function settleClaim({ store }: Control, namespace: string, name: string): void {
  const claim = store.get(CLAIMS, namespace, name);
  if (claim === null) return;
  if (claim.metadata.deletionTimestamp !== undefined) {
    const pods = store.list(PODS, namespace).map((pod) => PodView.parse(pod));
    const inUse = pods.some(({ spec }) =>
      spec.volumes.some((volume) => volume.persistentVolumeClaim?.claimName === name),
    );
    if (!inUse) store.remove(CLAIMS, claim);
    return;
  }
  const { spec, status } = ClaimView.parse(claim);
  const classes = store.list(STORAGE_CLASSES, null).map(({ metadata }) => metadata.name);
  const wanted = spec.storageClassName ?? classes[0];
  if (wanted === undefined || !classes.includes(wanted)) return;
  const capacity = { storage: spec.resources.requests.storage ?? "0" };
  if (status.phase === "Bound" && partOf(claim.status, "capacity").storage === capacity.storage) return;
  const accessModes = claim.spec === undefined ? [] : partOf(claim, "spec").accessModes;
  store.put(CLAIMS, { ...claim, status: { phase: "Bound", accessModes, capacity } });
}
