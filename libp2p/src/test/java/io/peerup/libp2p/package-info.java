/// Tests of identities and addresses.
@NullMarked
package io.peerup.libp2p;

import org.jspecify.annotations.NullMarked;
