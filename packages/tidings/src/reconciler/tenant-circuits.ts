const FAILURES = 5;
const FIRST_REST_MS = 10_000;
const MAX_REST_MS = 2 * 60_000;
/** How long a probe may take before another is let through. */
const PROBE_MS = 60_000;

interface Circuit {
  readonly failures: number;
  /** Nothing is asked before, epoch milliseconds; 0 while all may be. */
  readonly restsUntil: number;
  readonly restMs: number;
}

const CLOSED: Circuit = { failures: 0, restsUntil: 0, restMs: FIRST_REST_MS };

/**
 * While Graph or the login service is in trouble for a tenant, one request at a time finds out when it is over, and
 * the others wait without counting failures: afterwards they go in the order of their deadlines. In memory only; a new
 * process learns it anew.
 */
export class TenantCircuits {
  readonly #circuits = new Map<string, Circuit>();

  /** @returns when to come again, epoch milliseconds; undefined to go ahead, and then to say how it went */
  admit(tenantId: string, now: number): number | undefined {
    const circuit = this.#circuits.get(tenantId);
    if (circuit === undefined || circuit.failures < FAILURES) return undefined;
    if (now < circuit.restsUntil) return circuit.restsUntil;
    this.#circuits.set(tenantId, { ...circuit, restsUntil: now + PROBE_MS });
    return undefined;
  }

  /** Whether one request at a time finds out how it is. */
  isOpen(tenantId: string): boolean {
    return (this.#circuits.get(tenantId)?.failures ?? 0) >= FAILURES;
  }

  answered(tenantId: string): void {
    this.#circuits.delete(tenantId);
  }

  failed(tenantId: string, now: number): void {
    const { failures, restMs } = this.#circuits.get(tenantId) ?? CLOSED;
    const isOpen = failures + 1 >= FAILURES;
    this.#circuits.set(tenantId, {
      failures: failures + 1,
      restsUntil: isOpen ? now + restMs : 0,
      restMs: isOpen ? Math.min(restMs * 2, MAX_REST_MS) : restMs,
    });
  }
}
