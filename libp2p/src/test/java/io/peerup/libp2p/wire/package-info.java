/// Tests of the byte and text forms.
@NullMarked
package io.peerup.libp2p.wire;

import org.jspecify.annotations.NullMarked;
