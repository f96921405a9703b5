import type * as Graph from "@microsoft/microsoft-graph-types";

/** The last collection of a resource template, and the type of its members. */
interface CollectionTypes {
  users: Graph.User;
  groups: Graph.Group;
  messages: Graph.Message;
  events: Graph.Event;
  contacts: Graph.Contact;
  conversations: Graph.Conversation;
  tasks: Graph.TodoTask;
  callRecords: Graph.CallRecords.CallRecord;
  channels: Graph.Channel;
  chats: Graph.Chat;
  teams: Graph.Team;
  presences: Graph.Presence;
  lists: Graph.List;
  recordings: Graph.CallRecording;
  transcripts: Graph.CallTranscript;
}

type WithoutSlash<Resource extends string> = Resource extends `/${infer Path}` ? Path : Resource;

/** `users/{id}/messages` is told of by its last name, `users/{id}` by the one before its id. */
type CollectionOf<Resource extends string> = Resource extends `${string}/${infer Rest}/${infer Last}`
  ? CollectionOf<`${Rest}/${Last}`>
  : Resource extends `${infer Collection}/{${string}}`
    ? Collection
    : Resource extends `${string}/${infer Collection}`
      ? Collection
      : Resource;

/** Messages below a team's channel or a chat are another type than those of a mailbox. */
type IsChatMessages<Resource extends string> = Resource extends `${"teams" | "chats"}/${string}messages`
  ? true
  : false;

/**
 * What `change.fetch()` gives for a resource template: the type of `@microsoft/microsoft-graph-types` where the
 * template's last collection has one, `unknown` otherwise.
 */
export type EntityOf<Resource extends string> =
  IsChatMessages<WithoutSlash<Resource>> extends true
    ? Graph.ChatMessage
    : CollectionOf<WithoutSlash<Resource>> extends infer Collection extends keyof CollectionTypes
      ? CollectionTypes[Collection]
      : unknown;
