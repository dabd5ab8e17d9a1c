import { KubeConfig } from "@kubernetes/client-node";
import { KubernetesConnection } from "../../providers/kubernetes/connection.ts";
import { kubernetesProvider } from "../../providers/kubernetes/provider.ts";
import { RECORDED_RUN } from "../support/recording.ts";
import { readRecording, replayRun } from "../support/replay.ts";
import { KUBERNETES_SUPPORTS } from "./kubernetes-supports.ts";
import { kubernetesTampering } from "./kubernetes-tampering.ts";
import { providerConformance } from "./provider.ts";

/** The whole suite against what a real API server has answered to it. */

const recording = readRecording(new URL("../fixtures/conformance/kubernetes.json.gz", import.meta.url));
const { server = "", token = "" } = recording.setting;

replayRun(recording);

providerConformance({
  name: `kubernetes, ${recording.of}, replayed`,
  supports: KUBERNETES_SUPPORTS,
  make: async () => {
    const connection = (changes: object = {}) =>
      KubernetesConnection.parse({ server, token, poolLabel: "conformance.yunheng.io/pool", ...changes });
    return {
      provider: kubernetesProvider(connection()),
      other: kubernetesProvider(connection()),
      intruder: kubernetesProvider(connection({ token: "token-of-an-intruder" })),
      dead: kubernetesProvider(connection({ server: "https://127.0.0.1:1" })),
      secrets: ["token-of-an-intruder", token],
      prefix: RECORDED_RUN.prefix,
      pool: "wide",
      narrowPool: { name: "narrow", vcpu: 4 },
      image: "kylin-v10-sp3",
      architecture: "kunpeng",
      close: () => Promise.resolve(),
    };
  },
  tampering: () => kubernetesTampering(kubeConfigOf()),
  bulk: RECORDED_RUN.bulk,
});

function kubeConfigOf(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: "recorded", server, skipTLSVerify: false },
    { name: "recorded", token },
  );
  return kubeConfig;
}
