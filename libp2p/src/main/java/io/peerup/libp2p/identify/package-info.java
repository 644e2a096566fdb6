/// identify and identify/push: what a peer says about itself (identify/README.md of the libp2p
/// specs). The codec is pure; the dialogues block on virtual threads.
@NullMarked
package io.peerup.libp2p.identify;

import org.jspecify.annotations.NullMarked;
