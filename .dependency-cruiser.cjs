/*
 * "Who may import whom" of docs/architecture.md, as rules. A type import counts like any other,
 * save where a rule says so: a file that knows another's types is coupled to it.
 */

/** Files that may see Drizzle and the tables: a feature's rows, and the few stores shared by all features. */
const STORES = [
  "^control-plane/db/",
  "^control-plane/.+/[a-z-]*(rows|store)\\.ts$",
  "^control-plane/quota/(ledger|expire-holds)\\.ts$",
  "^control-plane/audit/(record|seal|read)\\.ts$",
  "^control-plane/placement/(load|read|take)-snapshot\\.ts$",
  "^control-plane/http/(idempotency|probes)\\.ts$",
  "^control-plane/events/publish\\.ts$",
];

const TESTS = "^tests/|\\.(test|fixture)\\.ts$";

/** Files that decide: no database, no network, no queue, not even by way of another file. */
const PURE = [
  "^control-plane/kernel/",
  "^control-plane/quota/tree\\.ts$",
  "^control-plane/placement/(place|filters/.+|scorers/.+)\\.ts$",
  "^control-plane/policy/evaluate\\.ts$",
  "^control-plane/[^/]+/(diff|lifecycle)\\.ts$",
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "kernel-stands-alone",
      comment: "1. The kernel knows nothing of the house above it.",
      severity: "error",
      from: { path: "^control-plane/kernel/", pathNot: TESTS },
      to: { path: "^(control-plane|providers|tests|console)/", pathNot: "^control-plane/kernel/" },
    },
    {
      name: "kernel-packages",
      comment: "1. The kernel uses zod and one package each for ids, canonical JSON and the calendar.",
      severity: "error",
      from: { path: "^control-plane/kernel/", pathNot: TESTS },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer"],
        pathNot: "node_modules/(zod|uuidv7|canonicalize|chinese-days)/",
      },
    },
    {
      name: "pure-stays-pure",
      comment: "1. What decides must not be able to act, directly or through another file.",
      severity: "error",
      from: { path: PURE, pathNot: TESTS },
      to: {
        path: [
          "^control-plane/(db|http|jobs)/",
          "^control-plane/.+/[a-z-]*(rows|routes)\\.ts$",
          "node_modules/(drizzle-orm|postgres|pg-boss|hono|pino|@electric-sql)/",
          "^(node:)?(fs|net|http|https|child_process|worker_threads|timers)(/|$)",
        ],
        reachable: true,
      },
    },
    {
      name: "tables-only-in-stores",
      comment: "2. Drizzle and the schema are seen in db/, rows and the shared stores only.",
      severity: "error",
      from: { path: "^control-plane/", pathNot: [...STORES, TESTS] },
      to: { path: ["node_modules/drizzle-orm/", "^control-plane/db/schema/"] },
    },
    {
      name: "routes-call-verbs",
      comment: "2. routes -> verbs -> rows -> db; a route never reaches past its verb.",
      severity: "error",
      from: { path: "^control-plane/.+/routes\\.ts$" },
      to: { path: ["^control-plane/.+/[a-z-]*rows\\.ts$", "^control-plane/db/"] },
    },
    {
      name: "nobody-below-imports-routes",
      comment: "2. Routes are mounted by the composition root and by http/; nothing else needs them.",
      severity: "error",
      from: { path: "^control-plane/", pathNot: ["^control-plane/(main\\.ts|http/)", TESTS] },
      to: { path: "^control-plane/.+/routes\\.ts$" },
    },
    {
      name: "rows-are-private",
      comment: "3. A feature uses another feature's verbs and pure files, never its rows.",
      severity: "error",
      from: { path: "^control-plane/([^/]+)/", pathNot: TESTS },
      to: { path: "^control-plane/[^/]+/[a-z-]*rows\\.ts$", pathNot: "^control-plane/$1/" },
    },
    {
      name: "no-cycles",
      comment: "3. A cycle that type imports alone close is harmless at run time; every other one is not.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "providers-know-no-control-plane",
      comment: "4. An adapter can be read, tested and replaced without the control plane.",
      severity: "error",
      from: { path: "^providers/", pathNot: TESTS },
      to: { path: "^(control-plane|console|tests)/" },
    },
    {
      name: "providers-know-no-other",
      comment: "4. Adapters never import each other; their emulators share the room that serves them.",
      severity: "error",
      from: { path: "^providers/([^/]+)/" },
      to: { path: "^providers/[^/]+/", pathNot: "^providers/($1|emulation)/" },
    },
    {
      name: "adapters-know-no-emulation",
      comment: "4. What an adapter knows of its cloud it knows by the wire.",
      severity: "error",
      from: {
        path: "^providers/[^/]+/",
        pathNot: ["^providers/(emulation|[^/]+/emulator)(/|\\.ts$)", TESTS],
      },
      to: { path: "^providers/(emulation|[^/]+/emulator)(/|\\.ts$)" },
    },
    {
      name: "only-main-knows-adapters",
      comment:
        "4. The control plane sees the port, its faults and the guard around it; main.ts sees the registry.",
      severity: "error",
      from: { path: "^control-plane/", pathNot: ["^control-plane/main\\.ts$", TESTS] },
      to: { path: "^providers/", pathNot: "^providers/(port|faults|decorate)\\.ts$" },
    },
    {
      name: "console-is-a-client",
      comment: "5. The console and the server meet in the OpenAPI document only.",
      severity: "error",
      from: { path: "^console/" },
      to: { path: "^(control-plane|providers)/" },
    },
    {
      name: "server-without-console",
      comment: "5. The server serves the console's files, it never imports them.",
      severity: "error",
      from: { path: "^(control-plane|providers)/" },
      to: { path: "^console/" },
    },
    {
      name: "audit-verifies-offline",
      comment: "An auditor verifies an export with no database at hand.",
      severity: "error",
      from: { path: "^control-plane/audit/verify-export\\.ts$" },
      to: {
        path: ["^control-plane/(db|http|jobs|config)", "node_modules/(drizzle-orm|postgres)/"],
        reachable: true,
      },
    },
    {
      name: "production-without-tests",
      comment: "What runs in production never imports a test, a fixture or a package for development.",
      severity: "error",
      from: { path: "^(control-plane|providers)/", pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "production-without-development-packages",
      severity: "error",
      from: { path: "^(control-plane|providers)/", pathNot: TESTS },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "everything-resolves",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-orphans",
      comment: "A file that nobody imports and that imports nobody is dead, unless it is an entry point.",
      severity: "error",
      from: { orphan: true, pathNot: ["^control-plane/main\\.ts$", TESTS] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
