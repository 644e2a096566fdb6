/// How fast and how small, compared with what: our stack and js-libp2p side by side, and small
/// pieces of code under JMH in `jmh`. Never shipped. `docs/performance.md` has the figures.
@NullMarked
package io.peerup.bench;

import org.jspecify.annotations.NullMarked;
