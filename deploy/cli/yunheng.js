#!/usr/bin/env node
// Makes `npx yunheng …` the same program as `npm start`, with no build step between.
import { register } from "tsx/esm/api";

register();
await import("../../control-plane/main.ts");
