import { Ec2Connection } from "../../providers/ec2/connection.ts";
import { ec2Provider } from "../../providers/ec2/provider.ts";
import { EC2_SUPPORTS } from "../../providers/ec2/supports.ts";
import { RECORDED_RUN } from "../support/recording.ts";
import { readRecording, replayRun } from "../support/replay.ts";
import { ec2Tampering } from "./ec2-tampering.ts";
import { ec2RealPools } from "./ec2-target.ts";
import { providerConformance } from "./provider.ts";

/** The whole suite against what an independent implementation of the API has answered to it. */

const recording = readRecording(new URL("../fixtures/conformance/ec2.json.gz", import.meta.url));
const { endpoint, region, accessRoleArn = "", image = "" } = recording.setting;
const keys = {
  accessKeyId: recording.setting.key ?? "",
  secretAccessKey: recording.setting["secret-key"] ?? "",
};

// The field's own client makes up a token where none is given.
replayRun(recording, [/ClientToken=[0-9a-f-]{36}&?/]);

providerConformance({
  name: `ec2, ${recording.of}, replayed`,
  supports: { ...EC2_SUPPORTS, issueAccess: accessRoleArn !== "" },
  make: async () => {
    const connection = Ec2Connection.parse({
      ...{ endpoint, region, ...keys, imageOwners: ["amazon", "self"] },
      pools: ec2RealPools([`${region}a`, `${region}b`]),
      ...(accessRoleArn === "" ? {} : { accessRole: { arn: accessRoleArn } }),
    });
    return {
      provider: ec2Provider(connection),
      other: ec2Provider(connection),
      intruder: ec2Provider({ ...connection, secretAccessKey: "wrong-secret-key" }),
      dead: ec2Provider({ ...connection, endpoint: "http://127.0.0.1:1" }),
      secrets: [keys.secretAccessKey, "wrong-secret-key"],
      prefix: RECORDED_RUN.prefix,
      pool: "wide",
      narrowPool: { name: "narrow", vcpu: null },
      image,
      architecture: "intel",
      connection,
      close: () => Promise.resolve(),
    };
  },
  tampering: ({ connection }) => ec2Tampering(connection),
  bulk: RECORDED_RUN.bulk,
});
