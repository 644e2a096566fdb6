/// Reachability: what interfaces and observers say, and the grade that follows.
@NullMarked
package io.peerup.nat;

import org.jspecify.annotations.NullMarked;
