/** The second derivative of attention. */

import { plainAttention, plainAttentionGrad } from "../core/attention.ts";
import type { Node } from "../core/graph.ts";
import { aliasOf, isGradEnabled, withGrad } from "../core/primitives.ts";
import { backward } from "./grad.ts";
import type { Cotangents } from "./vjp.ts";

/**
 * The first derivative in other primitives, differentiated: with respect to q, k, v and g, through the results of attention
 * that it reads, which are functions of those.
 */
export function attentionGradVjp(cotangents: Cotangents, node: Node<"attentionGrad">): Cotangents {
  const { inputs, attrs } = node;
  const rest = inputs.slice(6);
  const found = withGrad(true, () => {
    const [q, k, v, g] = [0, 1, 2, 5].map((i) => aliasOf(inputs[i], true));
    const results = plainAttentionGrad(q, k, v, rest, plainAttention(q, k, v, rest, attrs), g, attrs);
    const given = cotangents.flatMap((cotangent, i) => (cotangent ? [{ output: results[i], cotangent }] : []));
    return backward(
      given.map(({ output }) => output),
      given.map(({ cotangent }) => cotangent),
      [q, k, v, g],
    );
  });
  const [q, k, v, g] = found.map((value) => (value && !isGradEnabled() ? aliasOf(value, false) : value));
  return [q, k, v, undefined, undefined, g];
}
