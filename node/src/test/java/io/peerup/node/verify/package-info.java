@NullMarked
package io.peerup.node.verify;

import org.jspecify.annotations.NullMarked;
