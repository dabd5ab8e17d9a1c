import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { cancelCommitment } from "./cancel.ts";
import { confirmCommitment } from "./confirm.ts";
import { createCommitment } from "./create.ts";
import { getCommitment } from "./get.ts";
import { listCommitments } from "./list.ts";
import {
  CancelBody,
  Commitment,
  CreateCommitmentBody,
  CreateCommitmentQuery,
  ListCommitments,
} from "./wire.ts";

const tagged = <Body extends { readonly generation: number }>(body: Body) => ({
  body,
  generation: body.generation,
});

export const commitmentRoutes: readonly ApiRoute[] = [
  commandRoute(
    {
      method: "post",
      path: "/commitments",
      summary: { zh: "承诺未来的容量", en: "Promise capacity from a day on" },
      query: CreateCommitmentQuery,
      body: CreateCommitmentBody,
      status: 201,
      response: Commitment,
    },
    createCommitment,
    (body) => ({
      ...tagged(body),
      ...(body.id === null ? { status: 200 } : { location: `/api/v1/commitments/${body.id}` }),
    }),
  ),
  queryRoute(
    {
      method: "get",
      path: "/commitments",
      summary: { zh: "列出容量承诺", en: "List commitments" },
      query: ListCommitments,
      status: 200,
      response: pageSchema(Commitment),
    },
    listCommitments,
  ),
  queryRoute(
    {
      method: "get",
      path: "/commitments/{id}",
      summary: { zh: "查看一项承诺", en: "Get one commitment" },
      status: 200,
      response: Commitment,
    },
    getCommitment,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/commitments/{id}/confirm",
      summary: { zh: "确认承诺，预留容量", en: "Confirm a commitment: set its capacity aside" },
      status: 200,
      response: Commitment,
    },
    confirmCommitment,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/commitments/{id}/cancel",
      summary: { zh: "提前终止承诺", en: "End a commitment before its time" },
      body: CancelBody,
      status: 200,
      response: Commitment,
    },
    cancelCommitment,
    tagged,
  ),
];
