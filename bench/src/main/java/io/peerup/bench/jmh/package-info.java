/// Benchmarks of small pieces of code: providers of each algorithm, Noise, yamux.
@NullMarked
package io.peerup.bench.jmh;

import org.jspecify.annotations.NullMarked;
