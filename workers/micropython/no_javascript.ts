/**
 * Python's door to JavaScript, walled up. The npm build has modules `js` and `jsffi` that reach everything in the worker; here every
 * object is `undefined`, no name exists and no call does anything. Nothing is forwarded, so there is nothing to filter.
 */

/** An object of the interpreter's JavaScript bridge in memory: three words, the first its kind; 0 is `undefined`. */
const UNDEFINED = 0;

/** Which parameters of each import are addresses of results, and what the function itself answers. */
const BRIDGE: Readonly<Record<string, { readonly out: readonly number[]; readonly answer?: number }>> = {
  proxy_convert_mp_to_js_then_js_to_mp_obj_jsside: { out: [0] },
  proxy_convert_mp_to_js_then_js_to_js_then_js_to_mp_obj_jsside: { out: [0] },
  js_get_proxy_js_ref_info: { out: [0] },
  call0: { out: [1] },
  call1: { out: [3], answer: 0 },
  call2: { out: [4], answer: 0 },
  calln: { out: [4], answer: 0 },
  call0_kwarg: { out: [5] },
  calln_kwarg: { out: [7] },
  lookup_attr: { out: [], answer: 0 },
  store_attr: { out: [] },
  has_attr: { out: [], answer: 0 },
  js_subscr_load: { out: [2] },
  js_subscr_store: { out: [] },
  js_get_iter: { out: [1] },
  js_iter_next: { out: [], answer: 0 },
  js_reflect_construct: { out: [3] },
  js_check_existing: { out: [], answer: -1 },
  js_get_error_info: { out: [1, 2] },
  js_then_resolve: { out: [] },
  js_then_reject: { out: [] },
  js_then_continue: { out: [4] },
  create_promise: { out: [1] },
  proxy_js_free_obj: { out: [] },
};

export function noJavascript(view: () => DataView): Record<string, (...args: number[]) => number> {
  return Object.fromEntries(
    Object.entries(BRIDGE).map(([name, { out, answer = 0 }]) => [
      name,
      (...args: number[]) => {
        for (const i of out) for (let word = 0; word < 3; word++) view().setInt32(args[i]! + 4 * word, UNDEFINED, true);
        return answer;
      },
    ]),
  );
}
