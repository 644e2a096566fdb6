/// Codes, introductions and group pairing as machines without sockets.
@NullMarked
package io.peerup.pairing;

import org.jspecify.annotations.NullMarked;
