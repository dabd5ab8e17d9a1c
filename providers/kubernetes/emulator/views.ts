import { z } from "zod";

/** The parts of objects that the emulator acts upon; whatever else they hold it lets be. */

const Amounts = z.record(z.string(), z.string()).default({});
const Labels = z.record(z.string(), z.string()).default({});
const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string(),
  labels: Labels,
});

const Container = z.looseObject({
  name: z.string(),
  image: z.string().default(""),
  resources: z.looseObject({ requests: Amounts, limits: Amounts }).default({ requests: {}, limits: {} }),
});

const PodSpec = z.looseObject({
  containers: z.array(Container).min(1),
  nodeName: z.string().optional(),
  nodeSelector: Labels,
  volumes: z
    .array(z.looseObject({ persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional() }))
    .default([]),
});

const Condition = z.looseObject({ type: z.string(), status: z.string() });

export const PodView = z.looseObject({
  metadata,
  spec: PodSpec,
  status: z
    .looseObject({ phase: z.string().default("Pending"), conditions: z.array(Condition).default([]) })
    .default({ phase: "Pending", conditions: [] }),
});

export const DeploymentView = z.looseObject({
  metadata: metadata.extend({ generation: z.number().default(1), deletionTimestamp: z.string().optional() }),
  spec: z.looseObject({
    replicas: z.number().int().default(1),
    selector: z.looseObject({ matchLabels: Labels }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: Labels }).default({ labels: {} }),
      spec: PodSpec,
    }),
  }),
});

export const NodeView = z.looseObject({
  metadata,
  spec: z
    .looseObject({
      unschedulable: z.boolean().default(false),
      taints: z.array(z.looseObject({ key: z.string(), effect: z.string() })).default([]),
    })
    .default({ unschedulable: false, taints: [] }),
  status: z
    .looseObject({ allocatable: Amounts, conditions: z.array(Condition).default([]) })
    .default({ allocatable: {}, conditions: [] }),
});

export const QuotaView = z.looseObject({
  metadata,
  spec: z.looseObject({ hard: Amounts }).default({ hard: {} }),
  status: z.looseObject({ hard: Amounts.optional(), used: Amounts.optional() }).default({}),
});

export const LimitRangeView = z.looseObject({
  spec: z
    .looseObject({
      limits: z
        .array(
          z.looseObject({
            type: z.string(),
            max: Amounts,
            min: Amounts,
            default: Amounts,
            defaultRequest: Amounts,
          }),
        )
        .default([]),
    })
    .default({ limits: [] }),
});

export const ClaimView = z.looseObject({
  metadata,
  spec: z.looseObject({
    storageClassName: z.string().optional(),
    resources: z.looseObject({ requests: Amounts }).default({ requests: {} }),
  }),
  status: z.looseObject({ phase: z.string().default("Pending") }).default({ phase: "Pending" }),
});

export const BindingView = z.looseObject({
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
});

export const ServiceView = z.looseObject({
  spec: z.looseObject({ type: z.string().default("ClusterIP") }).default({ type: "ClusterIP" }),
});
