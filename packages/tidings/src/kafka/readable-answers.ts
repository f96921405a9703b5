import type { Producer, ProducerOptions } from "@platformatic/kafka";
import type { Library } from "./library.ts";

/**
 * A producer that asks for no newer answers than the library can read. Since version 10 a broker that leads a partition
 * no more says who does, in a field the library takes for something else; then it knows neither that it has to ask
 * another broker, nor what became of the other partitions.
 *
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-951%3A+Leader+discovery+optimisations+for+the+client
 */
export function createReadableProducer(
  library: Library,
  options: ProducerOptions<Buffer, Buffer, Buffer, Buffer>,
): Producer {
  const producer = new library.Producer(options);
  const listApis = producer[library.kListApis].bind(producer);
  producer[library.kListApis] = (callback) => {
    listApis((error, apis) =>
      callback(
        error,
        apis?.map((api) => (api.name === "Produce" ? readable(api) : api)),
      ),
    );
  };
  return producer;
}

const NEWEST_READABLE_VERSION = 9;

function readable<Api extends { readonly maxVersion: number }>(api: Api): Api {
  return { ...api, maxVersion: Math.min(api.maxVersion, NEWEST_READABLE_VERSION) };
}
