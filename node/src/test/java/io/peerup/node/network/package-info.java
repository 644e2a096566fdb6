@NullMarked
package io.peerup.node.network;

import org.jspecify.annotations.NullMarked;
