/// Reachability: what interfaces and observers say about us, and the grade that honestly follows.
/// The grader is a pure function; [InterfaceScan] is the only class that asks the machine. STUN,
/// dial-back and hole punching will move in beside it.
@NullMarked
package io.peerup.nat;

import org.jspecify.annotations.NullMarked;
