// The entry of the platform: `build.sh` writes ./pkg.
import { initSync, Site } from "./pkg/aura_example_workers.js";
import module from "./pkg/aura_example_workers_bg.wasm";

initSync({ module });
let site;

export default {
    fetch(request, env) {
        site ??= new Site(env);
        return site.fetch(request);
    },
};
