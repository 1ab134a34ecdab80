"""The node's wire protocol: JSON-RPC over HTTP and websocket."""
