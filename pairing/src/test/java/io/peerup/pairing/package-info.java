/// Tests of group pairing. `World` is a small network of machines without sockets: a relay's table
/// and any number of devices.
@NullMarked
package io.peerup.pairing;

import org.jspecify.annotations.NullMarked;
