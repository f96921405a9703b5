import type * as Graph from "@microsoft/microsoft-graph-types";

interface MailboxTypes {
  messages: Graph.Message;
  events: Graph.Event;
  contacts: Graph.Contact;
  tasks: Graph.TodoTask;
  chats: Graph.Chat;
}

interface MessagingTypes {
  messages: Graph.ChatMessage;
  replies: Graph.ChatMessage;
  getAllMessages: Graph.ChatMessage;
}

/** By the first name of a resource and its last collection. */
interface EntityTypes {
  users: MailboxTypes & { users: Graph.User };
  me: MailboxTypes;
  groups: { groups: Graph.Group; events: Graph.Event; conversations: Graph.Conversation };
  teams: MessagingTypes & { teams: Graph.Team; channels: Graph.Channel };
  chats: MessagingTypes & { chats: Graph.Chat };
  sites: { lists: Graph.List };
  communications: {
    callRecords: Graph.CallRecords.CallRecord;
    presences: Graph.Presence;
    recordings: Graph.CallRecording;
    transcripts: Graph.CallTranscript;
  };
}

type WithoutSlash<Resource extends string> = Resource extends `/${infer Path}` ? Path : Resource;
type WithoutQuery<Resource extends string> = Resource extends `${infer Path}?${string}` ? Path : Resource;
type PathOf<Resource extends string> = WithoutQuery<WithoutSlash<Resource>>;

type FirstName<Path extends string> = Path extends `${infer First}/${string}` ? First : Path;

/** The last segment that is no parameter: `messages` of `users/{id}/messages`, `users` of `users/{id}`. */
type LastCollection<
  Path extends string,
  Last extends string = "",
> = Path extends `${infer Head}/${infer Rest}`
  ? LastCollection<Rest, Head extends `{${string}` ? Last : Head>
  : Path extends `{${string}`
    ? Last
    : Path;

/**
 * What `change.fetch()` gives for a resource template: the type of `@microsoft/microsoft-graph-types` where the
 * template's last collection has one, `unknown` otherwise.
 */
export type EntityOf<Resource extends string> =
  FirstName<PathOf<Resource>> extends infer First extends keyof EntityTypes
    ? LastCollection<PathOf<Resource>> extends infer Last extends keyof EntityTypes[First]
      ? EntityTypes[First][Last]
      : unknown
    : unknown;
