/// Circuit relay v2, pairing groups and admission, and the relay server.
@NullMarked
package io.peerup.relay;

import org.jspecify.annotations.NullMarked;
