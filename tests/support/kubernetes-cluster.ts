import { KubeConfig } from "@kubernetes/client-node";
import { RECORDED_RUN, recordingTo } from "./recording.ts";

/** The cluster that `KUBECONFIG` names, by token or client certificate. */
export function clusterFromEnvironment(): { readonly kubeConfig: KubeConfig; readonly prefix: string } {
  const file = process.env.KUBECONFIG;
  if (file === undefined) throw new Error("set KUBECONFIG to a cluster that may be changed");
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(file);
  // Sorts before the cluster's own namespaces, and runs do not meet.
  return {
    kubeConfig,
    prefix: recordingTo() === undefined ? `cf-${Date.now().toString(36)}` : RECORDED_RUN.prefix,
  };
}
