"""The licence desk: who may do what with cases, licences and declarations, each act in one commit with its entry in the journal."""
