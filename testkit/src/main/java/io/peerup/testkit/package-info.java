/// What every test may lean on: a clock that only moves when told, chance with a seed, bad lines,
/// and published test vectors. Used in test scope only.
@NullMarked
package io.peerup.testkit;

import org.jspecify.annotations.NullMarked;
