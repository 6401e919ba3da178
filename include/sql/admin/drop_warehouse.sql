-- The empty warehouse makes way for the restored one; refused by the server while somebody is connected.
drop database warehouse;
