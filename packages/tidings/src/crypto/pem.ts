/** One block of a PEM text, markers included. */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  readonly text: string;
}

/** The blocks of a PEM text in their order. What stands between them is passed over, as OpenSSL does. */
export function pemBlocks(pem: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;
  for (let match = begin.exec(pem); match !== null; match = begin.exec(pem)) {
    const label = match[1] ?? "";
    const end = `-----END ${label}-----`;
    const endsAt = pem.indexOf(end, begin.lastIndex);
    if (endsAt === -1) break;
    begin.lastIndex = endsAt + end.length;
    blocks.push({ label, text: pem.slice(match.index, begin.lastIndex) });
  }
  return blocks;
}

export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replaceAll(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
