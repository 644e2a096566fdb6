@NullMarked
package io.peerup.node.peers;

import org.jspecify.annotations.NullMarked;
