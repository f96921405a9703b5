import type { DeltaQueries } from "../../delta/delta-query.ts";
import { addEntityRoutes } from "../../entities/entity-routes.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { Router } from "../../http/router.ts";
import { itemNotFound, type MailboxOpener } from "../outlook/mailbox-opener.ts";
import { opening, source } from "../outlook/outlook-delta.ts";

/** @see https://learn.microsoft.com/graph/api/resources/todotasklist#properties */
const LIST_TYPE: EntityType = {
  name: "microsoft.graph.todoTaskList",
  writable: { displayName: "string" },
  readOnly: ["id", "isOwner", "isShared", "wellknownListName"],
};

/** @see https://learn.microsoft.com/graph/api/resources/todotask#properties */
const TASK_TYPE: EntityType = {
  name: "microsoft.graph.todoTask",
  writable: {
    body: "object",
    categories: "array",
    completedDateTime: "object",
    dueDateTime: "object",
    importance: "string",
    isReminderOn: "boolean",
    recurrence: "object",
    reminderDateTime: "object",
    startDateTime: "object",
    status: "string",
    title: "string",
  },
  readOnly: ["id", "bodyLastModifiedDateTime", "createdDateTime", "hasAttachments", "lastModifiedDateTime"],
};

/** guess: page of To Do's listings without `$top`. */
const TODO_PAGE_SIZE = 100;

const LISTS = "users/{userId}/todo/lists";
const TASKS = `${LISTS}/{listId}/tasks`;

/**
 * Adds To Do lists and tasks, and their delta functions.
 *
 * @see https://learn.microsoft.com/graph/api/todotask-delta
 */
export function addTodoRoutes(
  router: Router<GraphRequest>,
  delta: DeltaQueries,
  opener: MailboxOpener,
): void {
  addEntityRoutes(router, {
    path: LISTS,
    context: "lists",
    type: LIST_TYPE,
    pageSize: TODO_PAGE_SIZE,
    open: opener.entities((mailbox) => mailbox.todo),
    notFound: itemNotFound,
  });
  addEntityRoutes(router, {
    path: TASKS,
    context: "tasks",
    type: TASK_TYPE,
    pageSize: TODO_PAGE_SIZE,
    open: opener.entities(({ todo }, params) => {
      const list = todo.get(params.get("listId"));
      return list && todo.tasksOf(list.id);
    }),
    notFound: itemNotFound,
  });
  delta.addTo(
    router,
    LISTS,
    opening(opener, ({ mailbox }) => source(mailbox, mailbox.todo.set.collection, "todoTaskList")),
  );
  delta.addTo(
    router,
    TASKS,
    opening(opener, ({ mailbox, params }) => {
      const list = mailbox.todo.get(params.get("listId"));
      return list ? source(mailbox, mailbox.todo.tasksOf(list.id).collection, "todoTask") : itemNotFound();
    }),
  );
}
