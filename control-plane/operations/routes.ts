import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { getOperation } from "./get.ts";
import { listOperations } from "./list.ts";
import { listDeadLetters } from "./list-dead-letters.ts";
import { retryOperation } from "./retry.ts";
import { DeadLetterPage, ListDeadLetters, ListOperations, Operation, OperationPage } from "./wire.ts";

const tagged = (body: Operation) => ({ body, generation: body.generation });

export const operationRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/operations",
      summary: { zh: "查询作业", en: "List operations" },
      query: ListOperations,
      status: 200,
      response: OperationPage,
    },
    listOperations,
  ),
  // Before `/operations/{id}`, which would take the word for an id.
  queryRoute(
    {
      method: "get",
      path: "/operations/dead-letters",
      summary: { zh: "查询被搁置的作业", en: "List jobs that were set aside" },
      query: ListDeadLetters,
      status: 200,
      response: DeadLetterPage,
    },
    listDeadLetters,
  ),
  queryRoute(
    {
      method: "get",
      path: "/operations/{id}",
      summary: { zh: "查看作业", en: "Read an operation" },
      status: 200,
      response: Operation,
    },
    getOperation,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/operations/{id}/retry",
      summary: { zh: "重试失败的作业", en: "Retry a failed operation" },
      status: 202,
      response: Operation,
    },
    retryOperation,
    tagged,
  ),
];
