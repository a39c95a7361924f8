"""The link: calls between two processes within one stream, batched as they gather."""

from angzarr_link._channels import LinkedChannels
from angzarr_link._serving import serve_linked

__all__ = ["LinkedChannels", "serve_linked"]
