import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type Entities } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatTicks } from "../../instant.ts";
import type { MailboxSpace } from "../outlook/outlook-item.ts";

/** What a task has where nothing was written. */
const TASK_DEFAULTS: JsonObject = {
  title: "",
  status: "notStarted",
  importance: "normal",
  isReminderOn: false,
  hasAttachments: false,
  categories: [],
  body: { content: "", contentType: "text" },
};

/**
 * One user's To Do lists, the list `Tasks` from the start, and the tasks in them. Nobody can subscribe to the lists.
 *
 * @see https://learn.microsoft.com/graph/api/resources/todo-overview
 */
export class TodoLists implements Entities {
  readonly kind = "entities" as const;
  readonly set: EntitySet;
  readonly #tasks: LazyMap<string, EntitySet>;

  constructor(space: MailboxSpace) {
    const list = (values: JsonObject): Entity => ({
      "@odata.etag": etag(space),
      id: space.ids.folderId(),
      displayName: "",
      isOwner: true,
      isShared: false,
      wellknownListName: "none",
      ...values,
    });
    this.set = new EntitySet(space, {
      create: list,
      update: (old, values) => ({ ...old, ...values, "@odata.etag": etag(space) }),
      tell: () => [],
    });
    this.set.seed(list({ displayName: "Tasks", wellknownListName: "defaultList" }));
    this.#tasks = new LazyMap((listId) => createTasks(space, listId));
  }

  tasksOf(listId: string): EntitySet {
    return this.#tasks.of(listId);
  }

  list(): readonly Entity[] {
    return this.set.list();
  }

  get(id: string): Entity | undefined {
    return this.set.get(id);
  }

  create(values: JsonObject): Entity {
    return this.set.create(values);
  }

  update(list: Entity, values: JsonObject): Entity {
    return this.set.update(list, values);
  }

  /** With its tasks. */
  remove(list: Entity): void {
    const tasks = this.tasksOf(list.id);
    for (const task of tasks.list()) tasks.remove(task);
    this.set.remove(list);
  }
}

function createTasks(space: MailboxSpace, listId: string): EntitySet {
  const { owner, ids, journal } = space;
  const version = (task: Entity): Entity => ({
    ...task,
    "@odata.etag": etag(space),
    lastModifiedDateTime: formatTicks(journal.now()),
  });
  return new EntitySet(space, {
    create: (values) =>
      version({
        "@odata.etag": "",
        id: ids.itemId(),
        createdDateTime: formatTicks(journal.now()),
        ...TASK_DEFAULTS,
        ...values,
      }),
    update: (task, values) => version({ ...task, ...values }),
    tell: (changeType, task) => {
      // guess: the documentation shows no notification of a task; this is the form of the others of a mailbox.
      const resource = `Users/${owner.id}@${owner.tenantId}/todo/lists/${listId}/tasks/${task.id}`;
      return [
        {
          tenantId: owner.tenantId,
          changeType,
          resource,
          entityId: task.id,
          topics: [`users/${owner.id}/todo/lists/${listId}/tasks`],
          resourceData: {
            "@odata.type": "#Microsoft.Graph.todoTask",
            "@odata.id": resource,
            "@odata.etag": task["@odata.etag"],
            id: task.id,
          },
        },
      ];
    },
  });
}

function etag({ ids }: MailboxSpace): string {
  return `W/"${ids.changeKey()}"`;
}
