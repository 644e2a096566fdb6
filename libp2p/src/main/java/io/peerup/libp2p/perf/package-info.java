/// `/perf/1.0.0`: throughput of one stream, measured until the far side confirms (perf/perf.md of
/// the libp2p specs). Blocking dialogues on virtual threads.
@NullMarked
package io.peerup.libp2p.perf;

import org.jspecify.annotations.NullMarked;
