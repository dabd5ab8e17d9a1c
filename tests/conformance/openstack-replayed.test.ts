import { openstackProvider } from "../../providers/openstack/provider.ts";
import { type OpenstackLogin, openstackHands } from "../support/openstack-hands.ts";
import { RECORDED_RUN } from "../support/recording.ts";
import { readRecording, replayRun } from "../support/replay.ts";
import { connectionOf, openstackTampering } from "./openstack-target.ts";
import { providerConformance } from "./provider.ts";

/** The whole suite against what Keystone, Nova, Neutron, Glance and Placement have answered to it. */

const recording = readRecording(new URL("../fixtures/conformance/openstack.json.gz", import.meta.url));

replayRun(recording, [
  // Passwords of tenancies' own users are derived from the administrator's, which the recording does not hold.
  /"password":"(recorded-token-\d+|[^"]{20,})"/,
  // A while from the moment of the call, to the millisecond.
  /"expires_at":"[^"]+"/,
]);

providerConformance({
  name: `openstack, ${recording.of}, replayed`,
  supports: {
    enforcedQuota: ["VCPU", "MEMORY_GIB"],
    suspend: true,
    discoverCapacity: true,
    instances: true,
    resize: true,
    wipeReceipt: false,
    issueAccess: true,
  },
  make: async () => {
    const login = loginOf(recording.setting);
    return {
      provider: openstackProvider(connectionOf(login)),
      other: openstackProvider(connectionOf(login)),
      intruder: openstackProvider(connectionOf({ ...login, password: "wrong-password" })),
      dead: openstackProvider(connectionOf(login, { url: "http://127.0.0.1:1/v3" })),
      secrets: [login.password, "wrong-password"],
      prefix: RECORDED_RUN.prefix,
      pool: `${RECORDED_RUN.prefix}-wide`,
      narrowPool: { name: `${RECORDED_RUN.prefix}-narrow`, vcpu: 4 },
      image: "conformance-image",
      architecture: "intel",
      hands: await openstackHands(login),
      close: () => Promise.resolve(),
    };
  },
  tampering: ({ hands }) => openstackTampering(hands),
  bulk: RECORDED_RUN.bulk,
  // Which of the ports that are asked for at once comes first decides what is asked next.
  leaveOut: {
    "is created once, becomes active, and is accounted for": 1,
    "two controllers at once make one": 1,
    "instances page too, each once": 1,
  },
});

function loginOf(setting: Readonly<Record<string, string>>): OpenstackLogin {
  const read = (name: string) => {
    const value = setting[name];
    if (value === undefined) throw new Error(`the recording does not say its ${name}`);
    return value;
  };
  return {
    authUrl: read("authUrl"),
    username: read("username"),
    password: read("password"),
    project: read("project"),
    userDomain: read("userDomain"),
    projectDomain: read("projectDomain"),
    region: read("region"),
  };
}
